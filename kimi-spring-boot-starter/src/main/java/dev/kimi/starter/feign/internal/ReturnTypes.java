package dev.kimi.starter.feign.internal;

import dev.kimi.error.ConfigurationException;
import feign.Response;
import feign.TypedResponse;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import org.springframework.core.GenericTypeResolver;
import org.springframework.core.ResolvableType;
import org.springframework.http.HttpEntity;

/** What the methods of a Feign client return, checked before a call is made and paid for. */
final class ReturnTypes {

    private final JsonBodies bodies;

    /** @param bodies what reads bodies */
    ReturnTypes(JsonBodies bodies) {
        this.bodies = bodies;
    }

    /**
     * Checks a method of a Feign client.
     *
     * @param client the interface, which may give the type parameters of an inherited method
     * @throws ConfigurationException if no response can be read into the return type
     */
    void check(Class<?> client, Method method) {
        Type type = GenericTypeResolver.resolveType(method.getGenericReturnType(), client);
        Type line = JsonLines.lineOf(type);
        boolean fits = line == null ? readable(type) : JsonLines.areProducedBy(method) && bodies.canReadLines(line);
        if (method.isDefault() || type == Response.class || fits) {
            return;
        }
        throw new ConfigurationException(
                client.getName(),
                "The Feign client " + client.getName() + " has a method #" + method.getName() + "(…) that returns "
                        + type.getTypeName() + ", which cannot be read from a response.",
                "Return a class that Jackson can make, a Map, String, byte[] or feign.Response, by itself or in an"
                        + " Optional or a ResponseEntity; or a Stream of such with produces = \"application/x-jsonl\"."
                        + " For other streams and futures use KimiClient.");
    }

    private boolean readable(Type type) {
        if (type instanceof ParameterizedType generic && generic.getRawType() instanceof Class<?> raw) {
            if (raw == Optional.class || HttpEntity.class.isAssignableFrom(raw) || raw == TypedResponse.class) {
                return readable(generic.getActualTypeArguments()[0]);
            }
        }
        Class<?> raw = ResolvableType.forType(type).toClass();
        if (Future.class.isAssignableFrom(raw) || CompletionStage.class.isAssignableFrom(raw)) {
            // Jackson makes one that nobody ever completes
            return false;
        }
        return HttpEntity.class.isAssignableFrom(raw) || bodies.canRead(type);
    }
}
