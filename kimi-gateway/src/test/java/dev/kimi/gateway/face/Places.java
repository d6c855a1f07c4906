package dev.kimi.gateway.face;

import dev.kimi.chat.Usage;
import dev.kimi.gateway.key.Admission;
import dev.kimi.gateway.key.Gatekeeper;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.springframework.beans.factory.config.BeanPostProcessor;

/** Remembers which places calls have taken and given back. */
public final class Places implements BeanPostProcessor {

    private final List<String> settled = new ArrayList<>();
    private int taken;

    /** The settlements since the last reset: tokens read and written, cost, and whether a service was reached. */
    public synchronized List<String> settled() {
        return List.copyOf(settled);
    }

    public synchronized int taken() {
        return taken;
    }

    public synchronized void reset() {
        settled.clear();
        taken = 0;
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String name) {
        return bean instanceof Gatekeeper ? watched(Gatekeeper.class, bean) : bean;
    }

    @SuppressWarnings("unchecked")
    private <T> T watched(Class<T> type, Object real) {
        return (T) Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
            Object result;
            try {
                method.setAccessible(true);
                result = method.invoke(real, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
            if (result instanceof Admission admission) {
                synchronized (this) {
                    taken++;
                }
                return (Admission) (usage, cost, reached) -> {
                    synchronized (this) {
                        settled.add(line(usage, cost == null ? "no cost" : "cost", reached));
                    }
                    admission.settle(usage, cost, reached);
                };
            }
            return method.getReturnType() == Gatekeeper.Caller.class
                    ? watched(Gatekeeper.Caller.class, result)
                    : result;
        });
    }

    private static String line(Usage usage, String cost, boolean reached) {
        return usage.promptTokens() + "+" + usage.completionTokens() + " " + cost + (reached ? " reached" : "");
    }
}
