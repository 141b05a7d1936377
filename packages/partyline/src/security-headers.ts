/** Nothing but our own files runs in our pages, nobody frames them, and no address that may hold a token is passed on. */
const securityHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': [
    "default-src 'self'",
    "connect-src 'self' ws: wss:",
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
}

/** `secure`: the page is read over TLS. Without it browsers ignore the opener policy, and complain of it. */
export function setSecurityHeaders(
  response: { setHeader(name: string, value: string): unknown },
  secure: boolean,
): void {
  if (secure) response.setHeader('Cross-Origin-Opener-Policy', 'same-origin')
  for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value)
}
