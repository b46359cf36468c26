import { type Allocator, makeAllocator, type Needs } from './allocate.ts'
import { makePublisher, type Publisher } from './publish.ts'

export type StatusLists = Allocator & Publisher

/** The status lists of all tenants: places for new copies, and what verifiers fetch. */
export const makeStatusLists = (needs: Needs): StatusLists => ({ ...makeAllocator(needs), ...makePublisher(needs) })
