package dev.kimi.gateway.clients;

import java.io.IOException;

/**
 * An SDK of a vendor as a client of the gateway. What a call gives is said in the same words for all of them, so that
 * one table of expectations serves all.
 */
interface ForeignClient extends AutoCloseable {

    /** As its package is called. */
    String name();

    /** Whether it speaks Anthropic's Messages; else OpenAI's chat completions. */
    boolean speaksMessages();

    /**
     * Makes the calls of a case.
     *
     * @param model as the gateway knows it
     * @return what came of it, see {@link ForeignCase}
     */
    String run(ForeignCase foreignCase, String model) throws IOException;

    @Override
    void close() throws IOException;
}
