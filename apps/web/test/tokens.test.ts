import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const css = readFileSync(new URL('../src/tokens.css', import.meta.url), 'utf8')
const colours = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(
    ([, name = '', light = '', dark = '']) => [name, { light, dark }],
  ),
)

/** Relative luminance and contrast as WCAG 2.2 defines them. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (high + 0.05) / (low + 0.05)
}

const surfaces = ['ground', 'surface', 'raised', 'hover']
const pairs = [
  ...['text', 'muted', 'accent', 'good', 'attention', 'bad'].flatMap((ink) =>
    surfaces.map((surface) => [ink, surface]),
  ),
  ['on-accent', 'accent'],
  ['text', 'accent-soft'],
  ['muted', 'accent-soft'],
  ['accent', 'accent-soft'],
  ['attention', 'attention-soft'],
  ['bad', 'bad-soft'],
]

describe.each(['light', 'dark'] as const)('the colours of the %s theme', (theme) => {
  const of = (name: string) => colours.get(name)?.[theme] ?? `no colour ${name}`

  it.each(pairs)('show %s on %s at 4.5:1', (ink = '', surface = '') => {
    expect(contrast(of(ink), of(surface))).toBeGreaterThanOrEqual(4.5)
  })

  it.each(surfaces.slice(0, 3))('show the edge of a field on %s at 3:1', (surface) => {
    expect(contrast(of('edge'), of(surface))).toBeGreaterThanOrEqual(3)
  })
})
