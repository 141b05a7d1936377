import type { Case } from '../case.ts'
import { deflateFrames } from './deflate-frames.ts'
import { deflateLimits } from './deflate-limits.ts'
import { deflateNegotiation } from './deflate-negotiation.ts'
import { deflateWindows } from './deflate-windows.ts'

/** RFC 7692: what groups 12 and 13 leave out. */
export const deflateTable: Case[] = [...deflateNegotiation, ...deflateWindows, ...deflateFrames, ...deflateLimits]
