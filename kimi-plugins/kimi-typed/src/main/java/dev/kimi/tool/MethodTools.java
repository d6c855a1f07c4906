package dev.kimi.tool;

import dev.kimi.chat.Tool;
import dev.kimi.schema.internal.Schemas;
import dev.kimi.schema.internal.UnfitJsonException;
import dev.kimi.schema.internal.Values;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Finds the methods of an object that are tools, those of its superclasses and interfaces included. */
final class MethodTools {

    private MethodTools() {}

    /** Whether the type has such methods. */
    static boolean in(Class<?> type) {
        return !methods(type).isEmpty();
    }

    static List<ToolFunction> of(Object target) {
        List<Method> methods = methods(target.getClass());
        if (methods.isEmpty()) {
            throw new IllegalArgumentException(
                    target.getClass().getName() + " has no method with @ToolMethod: annotate those that are tools");
        }
        return methods.stream().map(method -> function(target, method)).toList();
    }

    /** By name, since the order in which a class lists its methods is not defined and prompts are to be cached. */
    private static List<Method> methods(Class<?> type) {
        List<Method> methods = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        Deque<Class<?>> open = new ArrayDeque<>(List.of(type));
        while (!open.isEmpty()) {
            Class<?> next = open.remove();
            for (Method method : next.getDeclaredMethods()) {
                String signature = method.getName() + Arrays.toString(method.getParameterTypes());
                if (method.isAnnotationPresent(ToolMethod.class) && !method.isBridge() && seen.add(signature)) {
                    methods.add(method);
                }
            }
            if (next.getSuperclass() != null) {
                open.add(next.getSuperclass());
            }
            open.addAll(List.of(next.getInterfaces()));
        }
        methods.sort(Comparator.comparing(MethodTools::name));
        return methods;
    }

    private static ToolFunction function(Object target, Method method) {
        ToolMethod about = method.getAnnotation(ToolMethod.class);
        String owner = method.getDeclaringClass().getSimpleName() + "." + method.getName();
        for (Parameter parameter : method.getParameters()) {
            if (!parameter.isNamePresent()) {
                throw new IllegalArgumentException("The names of the parameters of " + owner
                        + " are not compiled in: compile it with -parameters");
            }
        }
        Tool tool = Tool.function(name(method), about.value(), Schemas.of(method.getParameters(), owner));
        method.setAccessible(true);
        Object receiver = Modifier.isStatic(method.getModifiers()) ? method : target;
        Duration timeout = about.timeoutSeconds() > 0 ? Duration.ofSeconds(about.timeoutSeconds()) : null;
        return new ToolFunction(tool, arguments -> invoke(receiver, method, arguments), timeout);
    }

    private static String name(Method method) {
        String name = method.getAnnotation(ToolMethod.class).name();
        return name.isEmpty() ? method.getName() : name;
    }

    private static @Nullable Object invoke(Object receiver, Method method, String json) throws Exception {
        @Nullable Object[] arguments = arguments(method.getParameters(), Values.object(json));
        try {
            Object value = method.invoke(receiver, arguments);
            return method.getReturnType() == void.class ? "done" : value;
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof Exception failure) {
                throw failure;
            }
            throw e;
        }
    }

    private static @Nullable Object[] arguments(Parameter[] parameters, ObjectNode given) throws UnfitJsonException {
        @Nullable Object[] values = new @Nullable Object[parameters.length];
        for (int i = 0; i < parameters.length; i++) {
            Parameter parameter = parameters[i];
            values[i] = Values.member(
                    given, parameter.getName(), parameter.getParameterizedType(), Schemas.mayBeAbsent(parameter));
        }
        return values;
    }
}
