export default {
  files: ['test/**/*.test.ts'],
  extensions: ['ts'],
  concurrency: 2,
  timeout: '3m',
  // A file in a thread of AVA's does not end once it has itself stopped a thread, as a preview of claim rules does.
  workerThreads: false,
}
