export { createAttachmentDoor } from './attachment-door.ts';
export { createAttachmentHandlers } from './attachment-handlers.ts';
export { createAttachmentEraser, sweepAttachments, sweepAttachmentsEveryMs } from './erase-attachments.ts';
export { createAttachments } from './keep-attachments.ts';
