/** The few icons there are: 20 px, one stroke width. What they mean is said beside them, or by the button's label. */
const paths = {
  menu: 'M3 5.5h14M3 10h14M3 14.5h14',
  people:
    'M7.5 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2 17c0-3 2.5-5 5.5-5s5.5 2 5.5 5M13 3.8a3 3 0 0 1 0 5.4M14.5 12.3c2 .6 3.5 2.3 3.5 4.7',
  plus: 'M10 4v12M4 10h12',
  close: 'M5 5l10 10M15 5L5 15',
  send: 'M3.5 10L17 3.5 12.5 17l-3-5.5-6-1.5zM9.5 11.5L17 3.5',
  down: 'M10 4v12M5 11l5 5 5-5',
  terminal: 'M3 4h14v12H3zM6 8l2.5 2L6 12M11 12.5h3',
  copy: 'M7 7h10v10H7zM4.5 13H3V3h10v1.5',
  check: 'M4 10.5l4 4 8-9',
  alert: 'M10 3l8 14H2zM10 8.5v4M10 14.6v.1',
  pencil: 'M3.5 16.5l.8-3.6L13.5 3.7a1.5 1.5 0 0 1 2.1 0l.7.7a1.5 1.5 0 0 1 0 2.1l-9.2 9.2z',
} as const

export function Icon({ name }: { name: keyof typeof paths }) {
  return (
    <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true" fill="none" stroke="currentColor">
      <path d={paths[name]} strokeWidth="1.6" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  )
}
