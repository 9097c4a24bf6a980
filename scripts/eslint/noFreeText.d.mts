import type { Rule } from 'eslint';

export const noFreeText: Rule.RuleModule;
