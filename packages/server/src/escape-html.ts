const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/**
 * The text with the five characters that mean something in HTML written as entities, for HTML that is put together by
 * hand: between tags and inside quoted attributes. It is not needed where the text stays text: `textContent`, React and
 * other templates escape by themselves, and doing it twice shows `&amp;` to people. Nor does it make text safe inside
 * `<script>`, `<style>`, an unquoted attribute or a URL. Nothing that travels through this library is escaped or changed.
 */
export function escapeHtml(text: string): string {
  return String(text).replace(/[&<>"']/g, (character) => entities[character] as string)
}
