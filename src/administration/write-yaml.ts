import { Document, isCollection, isMap, isScalar, visit } from 'yaml'

/** What stands above a member, a comment a line; found by the path of keys to it. */
export type Comments = readonly (readonly [path: readonly string[], lines: readonly string[]])[]

const commentOf = (lines: readonly string[]) => lines.map((line) => ` ${line}`).join('\n')

/**
 * YAML 1.2 of plain JSON with comments. Members named in `inline` stand on one line with all that is in them.
 */
export function writeYaml(
  value: unknown,
  { head, comments, inline }: { head: readonly string[]; comments: Comments; inline: readonly string[] },
): string {
  const document = new Document(value, { aliasDuplicateObjects: false })
  document.commentBefore = commentOf(head)
  visit(document, {
    Pair: (_, { key, value: node }) => {
      if (isScalar(key) && inline.includes(String(key.value)) && isCollection(node)) node.flow = true
    },
  })
  for (const [path, lines] of comments) {
    const holder = document.getIn(path.slice(0, -1), true)
    const pair = isMap(holder) ? holder.items.find(({ key }) => isScalar(key) && key.value === path.at(-1)) : undefined
    if (isScalar(pair?.key) && lines.length > 0) pair.key.commentBefore = commentOf(lines)
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: true })
}
