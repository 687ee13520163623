import { desc, eq } from 'drizzle-orm';
import type { ContainerPorts } from './ports';
import type { TestDeployment } from './schemas';
import { testDeployments } from './tables';
import { testRefusals } from './test-gates';

export type TestRow = typeof testDeployments.$inferSelect;

/** Rows of test deployments; every change is told to the pages. */
export interface TestRows {
  find(id: string): TestRow | undefined;
  ofProject(projectId: string): TestRow[];
  at(siteId: string): TestRow[];
  insert(row: Omit<TestRow, 'createdAt' | 'updatedAt' | 'status' | 'error' | 'images' | 'deployed'>): TestRow;
  update(id: string, change: Partial<TestRow>): void;
  remove(id: string): void;
  /** Says that something of it changed at its site; nobody's id is fine. */
  touched: (id: string) => void;
}

/** Opens the rows. */
export function openTestRows({ db, events, now = Date.now }: ContainerPorts): TestRows {
  const tell = (projectId: string) => {
    events.publish({ topic: 'containers', id: projectId, audience: { projectId } });
  };
  const find = (id: string) => db.select().from(testDeployments).where(eq(testDeployments.id, id)).get();
  return {
    find,
    ofProject: (projectId) =>
      db
        .select()
        .from(testDeployments)
        .where(eq(testDeployments.projectId, projectId))
        .orderBy(desc(testDeployments.createdAt))
        .all(),
    at: (siteId) => db.select().from(testDeployments).where(eq(testDeployments.siteId, siteId)).all(),
    insert(row) {
      const whole: TestRow = {
        ...row,
        status: null,
        deployed: null,
        error: null,
        images: [],
        createdAt: now(),
        updatedAt: now(),
      };
      db.insert(testDeployments).values(whole).run();
      tell(row.projectId);
      return whole;
    },
    update(id, change) {
      const row = db
        .update(testDeployments)
        .set({ ...change, updatedAt: now() })
        .where(eq(testDeployments.id, id))
        .returning({ projectId: testDeployments.projectId })
        .get();
      if (row) tell(row.projectId);
    },
    remove(id) {
      const row = find(id);
      db.delete(testDeployments).where(eq(testDeployments.id, id)).run();
      if (row) tell(row.projectId);
    },
    touched(id) {
      const row = find(id);
      if (row) tell(row.projectId);
    },
  };
}

/** A test deployment as it is shown. */
export function testView({ values: _values, deployed: _deployed, status, ...row }: TestRow): TestDeployment {
  // The column is JSON already: what is undefined there is absent.
  const shown = status as TestDeployment['status'];
  return { ...row, status: shown, refusals: testRefusals(row.state) };
}
