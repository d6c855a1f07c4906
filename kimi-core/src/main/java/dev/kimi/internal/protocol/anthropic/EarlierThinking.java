package dev.kimi.internal.protocol.anthropic;

/** What is to become of thinking in a conversation that is bound to other turns than stand before it. */
enum EarlierThinking {
    /** The service decides, which means that it rejects the request. */
    AS_IT_IS,
    /** The service is asked to drop it, where it can be. */
    DROPPED,
    /** No thinking is sent. */
    LEFT_OUT
}
