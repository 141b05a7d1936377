import { Line } from './line.jsx'

export default function Page() {
  return (
    <main>
      <h1>Next and Partyline on one server</h1>
      <Line />
    </main>
  )
}
