import type { Sender } from '../state/line.ts'
import { shownPeople } from '../state/people.ts'
import type { Room } from '../state/room.ts'
import { useStore } from './hooks.ts'
import styles from './people-list.module.css'

interface PeopleListProps {
  room: Room
  me: Sender | null
  /** Whether the line is away: then nobody knows who is still here. */
  isStale: boolean
}

/** Who is in the room. */
export function PeopleList({ room, me, isStale }: PeopleListProps) {
  const { people } = useStore(room.store)
  const { users, count, isKnown } = shownPeople(people, me)
  return (
    <section className={styles.people} data-stale={isStale || undefined} aria-label={`People in ${room.name}`}>
      <h2 className={styles.title}>People</h2>
      <ul>
        {isKnown
          ? users.map((user) => (
              <li key={user.id} className={styles.person}>
                <span className={styles.dot} aria-hidden="true" />
                <bdi className={styles.name}>{user.name}</bdi>
                {user.id === me?.id && <span className={styles.you}>(you)</span>}
              </li>
            ))
          : skeletons.map((key) => <li key={key} className={styles.skeleton} />)}
      </ul>
      {count > users.length && isKnown && <p className={styles.more}>and {count - users.length} more</p>}
      {isKnown && isStale && <p className={styles.more}>As they were when the line went</p>}
    </section>
  )
}

const skeletons = ['first', 'second', 'third']
