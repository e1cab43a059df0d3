/* What the page of one run is made of; a list needs none of it. */
export { Compare } from './compare';
export { CompareDialog } from './compare-dialog';
export { isTab } from './detail';
export { RunHeader } from './header';
export { messages as runPageMessages } from './run-messages';
export { RunView, type RunViewState } from './run-view';
