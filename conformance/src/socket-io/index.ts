export { type ApplicationServer, serveSocketIo } from './application.ts'
export { runSocketIoCli } from './cli.ts'
export type { Acquaintances } from './known.ts'
export { openLine, type PollingLine, type TransportName } from './line.ts'
export { type SocketIoCase, type SocketIoPlace, socketIoPlaces } from './socket-io-case.ts'
export {
  runSocketIoSuite,
  type SocketIoResult,
  type SocketIoRun,
  type SocketIoSubject,
  socketIoCases,
  socketIoReport,
} from './socket-io-suite.ts'
