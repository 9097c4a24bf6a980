import type { Rule } from 'eslint';

export const noProviderNames: Rule.RuleModule;
