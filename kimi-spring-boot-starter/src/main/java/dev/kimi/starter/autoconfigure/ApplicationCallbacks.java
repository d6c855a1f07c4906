package dev.kimi.starter.autoconfigure;

import dev.kimi.KimiClientBuilder;
import dev.kimi.time.Timer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.thread.Threading;
import org.springframework.core.env.Environment;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.core.task.VirtualThreadTaskExecutor;
import org.springframework.util.ClassUtils;

/** Where callbacks of the application's calls run, and what they see of the thread that made the call. */
final class ApplicationCallbacks implements AutoCloseable {

    private static final String BOOT_S_EXECUTOR = TaskExecutionAutoConfiguration.APPLICATION_TASK_EXECUTOR_BEAN_NAME;
    private static final String SNAPSHOTS = "io.micrometer.context.ContextSnapshotFactory";

    private final ListableBeanFactory beans;
    private final Environment environment;
    private final Timer timer;
    private final List<ApplicationExecutor> executors = new ArrayList<>();

    ApplicationCallbacks(ListableBeanFactory beans, Environment environment, Timer timer) {
        this.beans = beans;
        this.environment = environment;
        this.timer = timer;
    }

    void applyTo(KimiClientBuilder builder, String client) {
        Executor executor = executor(client);
        if (executor != null) {
            builder.callbackExecutor(executor);
        }
        ClassLoader loader = beans instanceof ConfigurableBeanFactory configurable
                ? configurable.getBeanClassLoader()
                : ClassUtils.getDefaultClassLoader();
        UnaryOperator<Executor> context = new ApplicationLoader(loader);
        if (ClassUtils.isPresent(SNAPSHOTS, null)) {
            UnaryOperator<Executor> snapshots = new ThreadLocals();
            builder.callbackContext(given -> snapshots.apply(context.apply(given)));
        } else {
            builder.callbackContext(context);
        }
    }

    /** Where something of the client's may block: where its callbacks run. */
    Executor blocking(String client) {
        Executor executor = executor(client);
        return executor == null ? ForkJoinPool.commonPool() : executor;
    }

    private @Nullable Executor executor(String client) {
        Executor found = beans.containsBean(BOOT_S_EXECUTOR) && beans.isTypeMatch(BOOT_S_EXECUTOR, Executor.class)
                ? beans.getBean(BOOT_S_EXECUTOR, Executor.class)
                : null;
        // one with a limit would block the transport's thread while the limit is reached
        boolean unbounded = found instanceof SimpleAsyncTaskExecutor simple && !simple.isThrottleActive();
        if (unbounded) {
            return found;
        }
        if (found == null || found instanceof SimpleAsyncTaskExecutor) {
            return Threading.VIRTUAL.isActive(environment)
                    ? new VirtualThreadTaskExecutor("kimi-" + client + "-")
                    : null;
        }
        ApplicationExecutor watched = new ApplicationExecutor(found, timer);
        synchronized (executors) {
            executors.add(watched);
        }
        return watched;
    }

    @Override
    public void close() {
        synchronized (executors) {
            executors.forEach(ApplicationExecutor::close);
        }
    }

    /**
     * Gives callbacks the application's class loader when that of the caller is one that it delegates to: in
     * {@code java -jar}, threads of the common pool have the system class loader.
     */
    private record ApplicationLoader(@Nullable ClassLoader application) implements UnaryOperator<Executor> {

        @Override
        public Executor apply(Executor executor) {
            ClassLoader callers = Thread.currentThread().getContextClassLoader();
            if (application == null || callers == application || !isAncestor(callers)) {
                return executor;
            }
            return task -> executor.execute(() -> {
                Thread thread = Thread.currentThread();
                ClassLoader before = thread.getContextClassLoader();
                thread.setContextClassLoader(application);
                try {
                    task.run();
                } finally {
                    thread.setContextClassLoader(before);
                }
            });
        }

        private boolean isAncestor(@Nullable ClassLoader callers) {
            ClassLoader loader = application;
            while (loader != null && loader != callers) {
                loader = loader.getParent();
            }
            return loader == callers;
        }
    }
}
