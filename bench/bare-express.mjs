/** The ceiling of HTTP: parses a body, if there is one, and answers. A process of its own. */
import express from 'express';

const app = express();
app.use(express.json());
app.post('/api/v1/messages/text', (request, response) => {
  const { profileId, to } = request.body;
  response.status(202).json({ success: true, data: { profileId, to, status: 'queued' } });
});
app.get('/api/v1/workspaces/:id', (request, response) => {
  response.json({ success: true, data: { id: request.params.id, name: 'Main', settings: {} } });
});
app.put('/api/v1/workspaces/:id', (request, response) => {
  response.json({ success: true, data: { id: request.params.id, name: request.body.name, settings: {} } });
});
const server = app.listen(0, '127.0.0.1', () => process.send({ url: `http://127.0.0.1:${server.address().port}` }));
process.once('disconnect', () => process.exit());
process.once('SIGTERM', () => process.exit());
