package dev.kimi.internal.call;

/** Where the body of a response comes from, as its reader sees it. */
interface BodySource {

    /** Lets so many more chunks come, after a time in which none were asked for. */
    void request(long chunks);

    /** Asks for the next chunk without touching the watch for silence. */
    void requestNext();

    /** Claims the right to deliver; once true, this attempt can no longer be retried. */
    boolean commit();

    /** Whether something was delivered. */
    boolean committed();

    /** The watch for silence. */
    Silence silence();
}
