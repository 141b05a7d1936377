/** There are lock files above this folder: it is no part of what they lock. */
export default { turbopack: { root: import.meta.dirname } }
