export { budgetsQuery, usageQuery } from './api';
export { BudgetDialog } from './budget-dialog';
export { BudgetList } from './budget-list';
export { messages } from './messages';
export { daily, totals } from './totals';
export { UsageChart } from './usage-chart';
export { UsageTable } from './usage-table';
