package dev.kimi.samples.chatpage;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Writes events to a browser without ever blocking: what the socket does not take now, the container requests later.
 * Closed when the events have ended or the browser has gone, whichever comes first. Thread-safe.
 */
final class EventWriter implements WriteListener, AsyncListener {

    private static final byte[] COMMENT = ":\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final Duration LONGEST = Duration.ofMinutes(30);

    private final AsyncContext context;
    private final ServletOutputStream out;
    private final Deque<byte[]> waiting = new ArrayDeque<>();
    private final List<Runnable> whenClosed = new ArrayList<>();
    private Runnable whenDrained = () -> {};
    private boolean unflushed;
    private boolean ending;
    private boolean closed;
    private boolean quiet;

    private EventWriter(AsyncContext context, ServletOutputStream out) {
        this.context = context;
        this.out = out;
    }

    /** Begins the response. Call on the request's own thread. */
    static EventWriter open(HttpServletRequest request, HttpServletResponse response) throws IOException {
        ServletOutputStream out = response.getOutputStream();
        AsyncContext context = request.startAsync(request, response);
        context.setTimeout(LONGEST.toMillis());
        EventWriter writer = new EventWriter(context, out);
        // The first comment sends the headers, so that the page knows at once that its request is being handled.
        writer.waiting.add(COMMENT);
        context.addListener(writer);
        out.setWriteListener(writer);
        return writer;
    }

    /** Runs the task each time that everything has been written and more is welcome. */
    synchronized void whenDrained(Runnable task) {
        whenDrained = task;
    }

    /** Runs the task once when nothing more can be written; at once if that is so already. */
    void whenClosed(Runnable task) {
        synchronized (this) {
            if (!closed) {
                whenClosed.add(task);
                return;
            }
        }
        task.run();
    }

    /** True when everything has been handed to the socket. */
    synchronized boolean drained() {
        return waiting.isEmpty();
    }

    void send(String event, byte[] data) {
        byte[] head = ("event: " + event + "\ndata: ").getBytes(StandardCharsets.US_ASCII);
        byte[] all = new byte[head.length + data.length + 2];
        System.arraycopy(head, 0, all, 0, head.length);
        System.arraycopy(data, 0, all, head.length, data.length);
        all[all.length - 2] = '\n';
        all[all.length - 1] = '\n';
        synchronized (this) {
            if (closed) {
                return;
            }
            quiet = false;
            waiting.add(all);
        }
        write();
    }

    /** Closes once everything is written. */
    void end() {
        synchronized (this) {
            ending = true;
        }
        write();
    }

    /** Sends a comment unless something was sent since the last beat, or is still waiting to be. */
    void beat() {
        synchronized (this) {
            boolean silent = quiet && waiting.isEmpty();
            quiet = true;
            if (!silent || closed) {
                return;
            }
            waiting.add(COMMENT);
        }
        write();
    }

    @Override
    public void onWritePossible() {
        write();
        Runnable drained;
        synchronized (this) {
            drained = waiting.isEmpty() && !closed ? whenDrained : () -> {};
        }
        drained.run();
    }

    @Override
    public void onError(Throwable failure) {
        close();
    }

    @Override
    public void onError(AsyncEvent event) {
        close();
        // Else the container would look for a page that explains the error, for a browser that has gone.
        context.complete();
    }

    @Override
    public void onTimeout(AsyncEvent event) {
        close();
        context.complete();
    }

    @Override
    public void onComplete(AsyncEvent event) {
        close();
    }

    @Override
    public void onStartAsync(AsyncEvent event) {}

    private void write() {
        boolean over;
        try {
            over = writeReady();
        } catch (IOException e) {
            // The container notifies the listeners too and completes the response; the model need not wait for that.
            close();
            return;
        }
        if (over) {
            close();
            context.complete();
        }
    }

    /** Writes what the socket takes; true when that was the last of all. */
    private synchronized boolean writeReady() throws IOException {
        while (!closed && out.isReady()) {
            byte[] next = waiting.poll();
            if (next != null) {
                out.write(next);
                unflushed = true;
            } else if (unflushed) {
                unflushed = false;
                out.flush();
            } else {
                boolean last = ending;
                // Said once, since the response may be completed once.
                ending = false;
                return last;
            }
        }
        return false;
    }

    private void close() {
        List<Runnable> tasks;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            waiting.clear();
            tasks = List.copyOf(whenClosed);
            whenClosed.clear();
        }
        tasks.forEach(Runnable::run);
    }
}
