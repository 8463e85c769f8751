/** Paths of the broker, relative to its base URL. Ids are checked before they come here; encoding is a second lock. */
export const routes = {
  join: (room: string) => `/rooms/${encodeURIComponent(room)}/join`,
  prepare: (room: string) => `/rooms/${encodeURIComponent(room)}/prepare`,
  ticket: (room: string) => `/rooms/${encodeURIComponent(room)}/ticket`,
  socket: (room: string) => `/rooms/${encodeURIComponent(room)}/socket`,
  leave: (room: string) => `/rooms/${encodeURIComponent(room)}/leave`,
  participants: (room: string) => `/rooms/${encodeURIComponent(room)}/participants`,
  remove: (room: string) => `/rooms/${encodeURIComponent(room)}/remove`,
  end: (room: string) => `/rooms/${encodeURIComponent(room)}/end`,
  invitations: (room: string) => `/rooms/${encodeURIComponent(room)}/invitations`,
  newSession: (room: string) => `/rooms/${encodeURIComponent(room)}/sessions/new`,
  session: (room: string, sessionId: string) =>
    `/rooms/${encodeURIComponent(room)}/sessions/${encodeURIComponent(sessionId)}`,
} as const;
