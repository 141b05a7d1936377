/** The text of publication `number`: eight digits that count and filler. The load generator knows it to the last byte. */
export const payload = (number, bytes) => String(number).padStart(8, '0').padEnd(bytes, 'x')
