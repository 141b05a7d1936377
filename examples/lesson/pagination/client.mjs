// Reads a room from its newest page to its oldest: each page begins before the first publication of the last one.
import { connect } from '@partyline/client'

const client = connect(process.argv[2] ?? 'http://localhost:8080')

let page = await client.history('news', { limit: 200 })
for (;;) {
  const [first, last] = [page.publications[0], page.publications.at(-1)]
  console.log(`${page.publications.length} publications, from "${first.data}" to "${last.data}"`)
  if (!page.more) break
  page = await client.history('news', { before: first.seq, limit: 200 })
}

client.close()
