package dev.kimi.tool.autoconfigure;

import dev.kimi.tool.ToolMethod;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.BindingReflectionHintsRegistrar;
import org.springframework.aot.hint.ExecutableMode;
import org.springframework.aot.hint.ReflectionHints;
import org.springframework.beans.factory.aot.BeanRegistrationAotContribution;
import org.springframework.beans.factory.aot.BeanRegistrationAotProcessor;
import org.springframework.beans.factory.support.RegisteredBean;
import org.springframework.core.MethodIntrospector;
import org.springframework.util.ClassUtils;

/**
 * Keeps in a native image what tools of beans are called by: their methods, and what parameters and results are bound
 * to.
 */
final class ToolHints implements BeanRegistrationAotProcessor {

    private final BindingReflectionHintsRegistrar binding = new BindingReflectionHintsRegistrar();

    @Override
    public @Nullable BeanRegistrationAotContribution processAheadOfTime(RegisteredBean bean) {
        Set<Method> methods = MethodIntrospector.selectMethods(
                ClassUtils.getUserClass(bean.getBeanClass()),
                (Method method) -> method.isAnnotationPresent(ToolMethod.class));
        return methods.isEmpty()
                ? null
                : (context, code) -> methods.forEach(
                        method -> register(method, context.getRuntimeHints().reflection()));
    }

    private void register(Method method, ReflectionHints hints) {
        hints.registerMethod(method, ExecutableMode.INVOKE);
        for (Type parameter : method.getGenericParameterTypes()) {
            binding.registerReflectionHints(hints, parameter);
        }
        binding.registerReflectionHints(hints, method.getGenericReturnType());
    }
}
