package dev.kimi.starter.feign.autoconfigure;

import dev.kimi.starter.feign.ClaudeApi;
import dev.kimi.starter.feign.KimiApi;
import dev.kimi.starter.feign.internal.KimiFeignBuilder;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.BindingReflectionHintsRegistrar;
import org.springframework.aot.hint.ExecutableMode;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;

/**
 * Keeps in a native image what our Feign clients are made of: their proxies, methods and annotations, and the records
 * of their bodies. Spring Cloud does so for interfaces with {@code @FeignClient}, which ours have not.
 */
final class FeignHints implements RuntimeHintsRegistrar {

    private final BindingReflectionHintsRegistrar binding = new BindingReflectionHintsRegistrar();

    @Override
    public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
        for (Class<?> api : List.of(KimiApi.class, ClaudeApi.class)) {
            hints.proxies().registerJdkProxy(api);
            hints.reflection().registerType(api);
            for (Method method : api.getMethods()) {
                hints.reflection().registerMethod(method, ExecutableMode.INVOKE);
                for (Type parameter : method.getGenericParameterTypes()) {
                    bind(hints, parameter);
                }
                bind(hints, method.getGenericReturnType());
            }
            // lines of batches, which no method has as a parameter
            for (Class<?> record : api.getDeclaredClasses()) {
                bind(hints, record);
            }
        }
        // Feign calls the capability by its methods, and the log is reached through protected ones
        hints.reflection().registerType(KimiFeignBuilder.Checks.class, MemberCategory.INVOKE_PUBLIC_METHODS);
        hints.reflection().registerType(feign.Logger.class, MemberCategory.INVOKE_DECLARED_METHODS);
    }

    private void bind(RuntimeHints hints, Type type) {
        binding.registerReflectionHints(hints.reflection(), type);
    }
}
