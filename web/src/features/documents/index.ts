export { DocumentActions, DocumentNotice, DocumentNumbersChip } from './actions';
export { documentQuery, documentsOptions } from './api';
export { DocumentTable } from './document-table';
export { DocumentView, type DocumentSlots } from './document-view';
export { EditForm } from './edit-form';
export { messages as documentMessages } from './messages';
export { OlderNumbers } from './older';
export { useDocumentEdit } from './use-edit';
export { DocumentVersions } from './versions';
