package dev.kimi.internal.util;

import java.lang.reflect.Method;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Knows the threads that must not wait for a call: one that does may be the one that would have brought the response.
 * Frameworks are recognised by the marks that they put on their threads, by name, so that none of them is needed:
 * Reactor's {@code NonBlocking}, and the event loops of Netty, which are also those of Vert.x, of Reactor Netty and of
 * gRPC. Their worker threads, virtual threads and all others may wait.
 */
public final class EventLoops {

    private static final Set<String> MARKS =
            Set.of(NonBlockingThread.class.getName(), "reactor.core.scheduler.NonBlocking");
    private static final String NETTY_THREAD = "io.netty.util.concurrent.FastThreadLocalThread";

    /** What to ask on a thread of a class: the class alone tells nearly always. */
    private static final ClassValue<BooleanSupplier> QUESTIONS = new ClassValue<>() {
        @Override
        protected BooleanSupplier computeValue(Class<?> type) {
            return question(type);
        }
    };

    private EventLoops() {}

    /** Whether the current thread is one that must not wait. */
    public static boolean onOne() {
        return QUESTIONS.get(Thread.currentThread().getClass()).getAsBoolean();
    }

    /**
     * To be called before the current thread waits for a call.
     *
     * @throws IllegalStateException if it must not wait
     */
    public static void checkMayWait() {
        if (onOne()) {
            throw new IllegalStateException("A call cannot be waited for on the event loop thread '"
                    + Thread.currentThread().getName()
                    + "', since its response may need that thread. Use chatAsync, exchangeAsync, a stage of their"
                    + " futures or a subscriber of the stream, or wait on a worker thread or a virtual thread"
                    + " (executeBlocking in Vert.x, Schedulers.boundedElastic() in Reactor).");
        }
    }

    private static BooleanSupplier question(Class<?> threadType) {
        Deque<Class<?>> open = new ArrayDeque<>();
        open.add(threadType);
        BooleanSupplier question = () -> false;
        while (!open.isEmpty()) {
            Class<?> type = open.remove();
            if (MARKS.contains(type.getName())) {
                return () -> true;
            }
            if (type.getName().equals(NETTY_THREAD)) {
                question = nettyQuestion(type.getClassLoader());
            }
            open.addAll(List.of(type.getInterfaces()));
            if (type.getSuperclass() != null) {
                open.add(type.getSuperclass());
            }
        }
        return question;
    }

    /** Netty uses the same threads for loops and for executors of blocking handlers: the executor has to be asked. */
    private static BooleanSupplier nettyQuestion(@Nullable ClassLoader netty) {
        try {
            Class<?> eventLoop = Class.forName("io.netty.channel.EventLoop", false, netty);
            Method executor = Class.forName("io.netty.util.internal.ThreadExecutorMap", false, netty)
                    .getMethod("currentExecutor");
            return () -> isA(eventLoop, executor);
        } catch (ReflectiveOperationException | LinkageError e) {
            return () -> false;
        }
    }

    private static boolean isA(Class<?> eventLoop, Method executor) {
        try {
            return eventLoop.isInstance(executor.invoke(null));
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }
}
