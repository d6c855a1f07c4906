package dev.kimi.springai;

import dev.kimi.KimiClient;
import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.Flow;

/** Writes down what the subscribers to a client's streams request. */
final class RecordedDemand {

    private RecordedDemand() {}

    static KimiClient of(KimiClient client, List<Long> requested) {
        return (KimiClient) Proxy.newProxyInstance(
                RecordedDemand.class.getClassLoader(), new Class<?>[] {KimiClient.class}, (self, method, arguments) -> {
                    Object result = call(client, method, arguments);
                    return result instanceof ChatStream stream ? recorded(stream, requested) : result;
                });
    }

    private static ChatStream recorded(ChatStream stream, List<Long> requested) {
        return (ChatStream) Proxy.newProxyInstance(
                RecordedDemand.class.getClassLoader(), new Class<?>[] {ChatStream.class}, (self, method, arguments) -> {
                    if (method.getName().equals("subscribe")) {
                        @SuppressWarnings("unchecked")
                        Flow.Subscriber<? super ChatEvent> subscriber =
                                (Flow.Subscriber<? super ChatEvent>) arguments[0];
                        stream.subscribe(new Recorder(subscriber, requested));
                        return null;
                    }
                    return call(stream, method, arguments);
                });
    }

    private static Object call(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private record Recorder(Flow.Subscriber<? super ChatEvent> to, List<Long> requested)
            implements Flow.Subscriber<ChatEvent> {

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            to.onSubscribe(new Flow.Subscription() {
                @Override
                public void request(long n) {
                    requested.add(n);
                    subscription.request(n);
                }

                @Override
                public void cancel() {
                    subscription.cancel();
                }
            });
        }

        @Override
        public void onNext(ChatEvent event) {
            to.onNext(event);
        }

        @Override
        public void onError(Throwable failure) {
            to.onError(failure);
        }

        @Override
        public void onComplete() {
            to.onComplete();
        }
    }
}
