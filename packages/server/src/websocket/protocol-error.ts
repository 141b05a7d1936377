/** The peer broke a rule of RFC 6455 or a limit: the connection closes with this code. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}
