// Before the first paint, so that a chosen theme never flashes the other one. The rest is in src/chat/theme.ts.
try {
  const theme = localStorage.getItem('partyline.theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // Storage may be refused: then the system's theme is shown.
}
