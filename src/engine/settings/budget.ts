/** Limits on what is spent: a workspace may lower those of its user, never raise them (B8). */

/** Of two budgets in USD the smaller; 0 is none. */
export function smallerBudget(user: number, workspace: number): number {
  if (user === 0 || workspace === 0) return Math.max(user, workspace);
  return Math.min(user, workspace);
}
