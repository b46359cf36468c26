/** A person at the demo provider: what its ID tokens and UserInfo say of them. */
export type DemoAccount = { username: string; password: string; claims: Record<string, unknown> }

/** Alice has everything; bob lacks a claim that each of the demo's issuers with sign-in requires. */
export const demoAccounts: DemoAccount[] = [
  {
    username: 'alice',
    password: 'alice',
    claims: {
      name: 'Alice Jönsson',
      given_name: 'Alice',
      family_name: 'Jönsson',
      birthdate: '1985-04-12',
      email: 'alice@acme.example',
      email_verified: true,
      employee_number: 'E-1001',
      department: 'Engineering',
      roles: ['employee', 'manager'],
      student_number: 'S-2001',
    },
  },
  {
    username: 'bob',
    password: 'bob',
    claims: {
      name: 'Bob Okafor',
      given_name: 'Bob',
      family_name: 'Okafor',
      birthdate: '1990-11-02',
      email: 'bob@acme.example',
      email_verified: true,
      department: 'Sales',
      roles: ['employee'],
    },
  },
]
