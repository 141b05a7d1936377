'use client'
import { useEffect, useState } from 'react'

/** Says hello to the server that the page came from, and shows what comes back. */
export function Line() {
  const [heard, setHeard] = useState('')
  useEffect(() => {
    const socket = new WebSocket(`${window.location.origin.replace(/^http/, 'ws')}/partyline/`)
    socket.onopen = () => socket.send('hello')
    socket.onmessage = ({ data }) => setHeard(data)
    return () => socket.close()
  }, [])
  return <output>{heard}</output>
}
