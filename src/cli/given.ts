import { mistakeLine, readYaml } from '../administration/read-yaml.ts'
import { Failure, textOf } from './failure.ts'

/** What an option gives as the name of a JSON or YAML file, or as JSON itself. */
export async function given(text: string, option: string): Promise<unknown> {
  const written = text.trimStart().startsWith('{')
  const read = readYaml(written ? text : await textOf(text), written ? option : text)
  if ('mistakes' in read) throw new Failure(read.mistakes.map(mistakeLine))
  return read.raw
}
