package dev.kimi.schema.internal;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.exc.InvalidNullException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.exc.ValueInstantiationException;
import tools.jackson.databind.introspect.Annotated;
import tools.jackson.databind.introspect.AnnotatedField;
import tools.jackson.databind.introspect.AnnotatedMember;
import tools.jackson.databind.introspect.AnnotatedParameter;
import tools.jackson.databind.introspect.JacksonAnnotationIntrospector;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.type.LogicalType;

/**
 * Reads values of types from JSON, as strictly as their schemas are: nothing missing, nothing more, no null but where
 * the type allows one, no number for a text. A mapper of its own, so that no setting of the application loosens it.
 */
public final class Values {

    static final JsonMapper MAPPER = JsonMapper.builder()
            .annotationIntrospector(new Strict())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .withCoercionConfig(
                    LogicalType.Textual,
                    texts -> texts.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
            .enable(EnumFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .build();

    private Values() {}

    /** @throws UnfitJsonException if the text is no JSON, or does not fit */
    public static Object read(String json, Type type) throws UnfitJsonException {
        try {
            return present(MAPPER.readValue(json, MAPPER.constructType(type)));
        } catch (JacksonException e) {
            throw unfit(e, "$");
        }
    }

    /**
     * The object in a text.
     *
     * @throws UnfitJsonException if the text is no JSON object
     */
    public static ObjectNode object(String json) throws UnfitJsonException {
        try {
            if (MAPPER.readTree(json) instanceof ObjectNode object) {
                return object;
            }
        } catch (JacksonException e) {
            throw unfit(e, "$");
        }
        throw new UnfitJsonException("$: must be an object");
    }

    /**
     * A member as a value, and null only if it may be absent and is.
     *
     * @throws UnfitJsonException if it does not fit
     */
    public static @Nullable Object member(ObjectNode object, String name, Type type, boolean mayBeAbsent)
            throws UnfitJsonException {
        JsonNode node = object.get(name);
        if ((node == null || node.isNull()) && !mayBeAbsent) {
            throw new UnfitJsonException("$." + name + ": must not be missing or null");
        }
        try {
            return MAPPER.treeToValue(node == null ? NullNode.getInstance() : node, MAPPER.constructType(type));
        } catch (JacksonException e) {
            throw unfit(e, "$." + name);
        }
    }

    /** JSON text of a value. */
    public static String write(@Nullable Object value) {
        return MAPPER.writeValueAsString(value);
    }

    private static Object present(@Nullable Object value) throws UnfitJsonException {
        if (value == null) {
            throw new UnfitJsonException("$: must not be null");
        }
        return value;
    }

    /** The library's own message quotes the text, and so may that of a constructor that rejects a value. */
    private static UnfitJsonException unfit(JacksonException failure, String root) {
        List<JacksonException.Reference> path = failure.getPath();
        if (failure instanceof UnrecognizedPropertyException) {
            return new UnfitJsonException(place(root, path.subList(0, Math.max(0, path.size() - 1)))
                    + ": has a member that is not expected");
        }
        return new UnfitJsonException(place(root, path) + ": " + reason(failure));
    }

    private static String reason(JacksonException failure) {
        if (failure instanceof StreamReadException) {
            return "is not valid JSON";
        }
        if (failure instanceof InvalidNullException) {
            return "must not be missing or null";
        }
        if (failure instanceof ValueInstantiationException rejected) {
            return "was rejected by " + rejected.getType().getRawClass().getSimpleName();
        }
        Class<?> wanted = failure instanceof MismatchedInputException mismatch ? mismatch.getTargetType() : null;
        return wanted == null
                ? "does not have the expected type"
                : "is missing or cannot be read as " + wanted.getSimpleName();
    }

    private static String place(String root, List<JacksonException.Reference> path) {
        StringBuilder place = new StringBuilder(root);
        for (JacksonException.Reference step : path) {
            if (step.getPropertyName() != null) {
                place.append('.').append(step.getPropertyName());
            } else {
                place.append('[').append(step.getIndex()).append(']');
            }
        }
        return place.toString();
    }

    /** What is not nullable is required, and so are the elements of lists. */
    private static final class Strict extends JacksonAnnotationIntrospector {

        private static final long serialVersionUID = 1L;

        @Override
        public @Nullable Boolean hasRequiredMarker(MapperConfig<?> config, AnnotatedMember member) {
            return mayBeAbsent(member) ? super.hasRequiredMarker(config, member) : Boolean.TRUE;
        }

        @Override
        public JsonSetter.Value findSetterInfo(MapperConfig<?> config, Annotated annotated) {
            if (!(annotated instanceof AnnotatedMember member)) {
                return super.findSetterInfo(config, annotated);
            }
            return JsonSetter.Value.construct(mayBeAbsent(member) ? Nulls.SET : Nulls.FAIL, Nulls.FAIL);
        }

        private static boolean mayBeAbsent(AnnotatedMember member) {
            if (Absence.isOptional(member.getRawType())) {
                return true;
            }
            if (member instanceof AnnotatedField field) {
                Field declared = field.getAnnotated();
                return Absence.isNullable(declared, declared.getAnnotatedType());
            }
            if (member instanceof AnnotatedParameter parameter) {
                Executable owner = executable(parameter);
                int index = parameter.getIndex();
                return owner != null
                        && Absence.isNullable(owner.getParameters()[index], owner.getAnnotatedParameterTypes()[index]);
            }
            return false;
        }

        private static @Nullable Executable executable(AnnotatedParameter parameter) {
            Object owner = parameter.getOwner().getAnnotated();
            if (owner instanceof Constructor<?> constructor) {
                return constructor;
            }
            return owner instanceof Method method ? method : null;
        }
    }
}
