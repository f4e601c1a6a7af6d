import type { FastifyReply } from 'fastify'

/** Answers with what is wrong, in the one shape that every error over HTTP has. */
export const refuse = (
  reply: FastifyReply,
  status: number,
  code: string,
  message: string | undefined,
  more: object = {},
): FastifyReply => reply.code(status).send({ error: { code, message, ...more } })
