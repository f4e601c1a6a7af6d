import type { FastifyReply } from 'fastify'
import { errorOf } from './http-answers.ts'

/** Answers with what is wrong. */
export const refuse = (
  reply: FastifyReply,
  status: number,
  code: string,
  message: string | undefined,
  more: object = {},
): FastifyReply => reply.code(status).send(errorOf(code, message, more))
