import { fragmentedText } from '../frame.ts'
import { echoes, expected, scripted } from '../script.ts'

const payload = Buffer.alloc(65_536, '*')
const cutBytes = 1300
const pieces = Array.from({ length: Math.ceil(payload.length / cutBytes) }, (_, index) =>
  payload.subarray(index * cutBytes, (index + 1) * cutBytes),
)

export const autoFragmentationGroup = scripted('10', [
  {
    id: '10.1.1',
    title: 'text of 65,536 bytes in frames of 1300',
    steps: [{ frames: fragmentedText(pieces) }],
    expect: echoes(expected('text', payload)),
    patienceMs: 10_000,
  },
])
