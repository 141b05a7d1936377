import { spawn } from 'node:child_process'

/** What went wrong in one line, for people: the scripts print it and end, without a stack. */
export class Failure extends Error {}

/** Runs a command to its end. Its output is shown, or collected with `quiet`. What ends this process meanwhile ends the command too. */
export function run(command, args, { cwd, env, quiet = false } = {}) {
  return new Promise((resolve) => {
    const stdio = quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit']
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio })
    let output = ''
    const collect = (chunk) => {
      output += chunk
    }
    child.stdout?.setEncoding('utf8').on('data', collect)
    child.stderr?.setEncoding('utf8').on('data', collect)

    const onSignal = (signal) => {
      // Ctrl-C reaches the whole foreground of a terminal by itself; a second one would mean "at once" to many programs.
      if (signal === 'SIGTERM' || !process.stdin.isTTY) child.kill(signal)
      process.exitCode = signal === 'SIGINT' ? 130 : 143
    }
    process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
    const end = (code) => {
      process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
      resolve({ code, output })
    }
    child.once('error', (error) => {
      output += `${error.message}\n`
      end(127)
    })
    child.once('close', (code, signal) => end(signal ? 1 : code))
  })
}

/** Runs a script of a package with this Node: no shell, no PATH, the same on every system. */
export function runNode(script, args, options) {
  return run(process.execPath, [script, ...args], options)
}

/** Runs the main function of a script; a failure becomes one line and exit code 1. */
export async function main(work) {
  try {
    const [major, minor] = process.versions.node.split('.').map(Number)
    if (major < 20 || (major === 20 && minor < 19)) {
      throw new Failure(`Node.js 20.19 or newer is needed, this is ${process.version}`)
    }
    await work()
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    console.error(`partyline: ${error.message}`)
    process.exitCode ||= 1
  }
}
