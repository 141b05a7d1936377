/** A random key: what makes a retry harmless. Not `randomUUID`, which pages without TLS do not have. */
export function randomKey(): string {
  let key = ''
  for (const byte of crypto.getRandomValues(new Uint8Array(16))) key += byte.toString(16).padStart(2, '0')
  return key
}
