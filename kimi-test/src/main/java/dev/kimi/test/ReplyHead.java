package dev.kimi.test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a reply does before and beside its body.
 *
 * @param headers added response headers
 * @param delay wait before the headers
 * @param action whether there is a response at all
 * @param close whether the connection ends with the response
 * @param reset whether cuts are TCP resets
 */
record ReplyHead(List<Map.Entry<String, String>> headers, Duration delay, Action action, boolean close, boolean reset) {

    enum Action {
        SEND,
        STALL,
        DROP,
        REFUSE_STREAM
    }

    static final ReplyHead PLAIN = new ReplyHead(List.of(), Duration.ZERO, Action.SEND, false, false);

    ReplyHead plusHeader(String name, String value) {
        List<Map.Entry<String, String>> all = new ArrayList<>(headers);
        all.add(Map.entry(name, value));
        return new ReplyHead(List.copyOf(all), delay, action, close, reset);
    }

    ReplyHead after(Duration wait) {
        return new ReplyHead(headers, wait, action, close, reset);
    }

    ReplyHead with(Action changed) {
        return new ReplyHead(headers, delay, changed, close, reset);
    }

    ReplyHead closing() {
        return new ReplyHead(headers, delay, action, true, reset);
    }

    ReplyHead resetting() {
        return new ReplyHead(headers, delay, action, close, true);
    }
}
