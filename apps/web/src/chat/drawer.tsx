import { type ReactNode, useEffect, useRef } from 'react'
import styles from './drawer.module.css'
import { Icon } from './icons.tsx'

interface DrawerProps {
  label: string
  side: 'start' | 'end' | 'middle'
  isOpen: boolean
  onClose: () => void
  children: ReactNode
}

/** A modal part of the page that comes from a side. The dialog element keeps the focus inside, and Escape closes it. */
export function Drawer({ label, side, isOpen, onClose, children }: DrawerProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (isOpen && !dialog.current?.open) dialog.current?.showModal()
    if (!isOpen && dialog.current?.open) dialog.current.close()
  }, [isOpen])

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the click is on the backdrop; the keyboard has Escape and the button
    <dialog
      ref={dialog}
      className={styles.drawer}
      data-side={side}
      aria-label={label}
      onClose={() => {
        // One that was closed because another drawer opened has nothing to tell.
        if (isOpen) onClose()
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose()
      }}
    >
      {isOpen && (
        <div className={styles.content}>
          <header className={styles.header}>
            <h2 className={styles.title}>{label}</h2>
            <button type="button" className={styles.close} aria-label="Close" onClick={onClose}>
              <Icon name="close" />
            </button>
          </header>
          <div className={styles.body}>{children}</div>
        </div>
      )}
    </dialog>
  )
}
