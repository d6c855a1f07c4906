package dev.kimi.schema.internal;

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Says which members and parameters may be without a value: optionals, and what an annotation calls nullable. */
final class Absence {

    private static final Map<Class<?>, Class<?>> OPTIONALS = Map.of(
            Optional.class, Object.class,
            OptionalInt.class, Integer.class,
            OptionalLong.class, Long.class,
            OptionalDouble.class, Double.class);

    private Absence() {}

    static boolean isOptional(Class<?> type) {
        return OPTIONALS.containsKey(type);
    }

    /** The type of the value of an optional, and of anything else its own. */
    static Type present(Type type) {
        if (type instanceof ParameterizedType generic && generic.getRawType() == Optional.class) {
            return generic.getActualTypeArguments()[0];
        }
        return type instanceof Class<?> raw ? OPTIONALS.getOrDefault(raw, raw) : type;
    }

    /** Whoever's annotation it is: JSpecify's, JetBrains', Spring's. */
    static boolean isNullable(AnnotatedElement element, AnnotatedType type) {
        return saysNullable(element.getAnnotations()) || saysNullable(type.getAnnotations());
    }

    private static boolean saysNullable(Annotation[] annotations) {
        for (Annotation annotation : annotations) {
            if (annotation.annotationType().getSimpleName().equals("Nullable")) {
                return true;
            }
        }
        return false;
    }
}
