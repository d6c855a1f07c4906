package dev.kimi.transport.vertx;

/**
 * How large the headers and trailers of one response may be.
 *
 * @param bytes most bytes of them
 * @param setting the full name of the setting with that limit
 */
record HeaderLimit(int bytes, String setting) {

    /**
     * The message for a response beyond the limit.
     *
     * @param what is too large, in the plural
     */
    String exceededBy(String what) {
        return "The " + what + " are larger than " + bytes + " bytes; raise " + setting
                + " if the service is to be trusted with more.";
    }
}
