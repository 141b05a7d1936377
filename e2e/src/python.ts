/** Debian's own: another python3 may come first in PATH, without the packages that the tests use. */
export const python = '/usr/bin/python3'
