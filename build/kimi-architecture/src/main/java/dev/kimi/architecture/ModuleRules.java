package dev.kimi.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.net.URL;
import java.util.Objects;
import java.util.function.BiPredicate;

/** Which module may know what of another. */
final class ModuleRules {

    private static final String OUTPUT = "/target/";

    private ModuleRules() {}

    static Rule internals(String base) {
        return internals(base, ModuleRules::sameModule);
    }

    static Rule internals(String base, BiPredicate<JavaClass, JavaClass> sameModule) {
        return Rule.of(
                "internals",
                classes().that().resideInAPackage(base + "..").should(new UseOwnInternalsOnly(base, sameModule)),
                "what is internal changes without notice, and modules of two releases may meet in one application: use"
                        + " public types, or give the other module one that says what is needed");
    }

    /** Whether both come from the same module: from its main or test classes, or from the same jar. */
    static boolean sameModule(JavaClass one, JavaClass other) {
        return home(one.getName()).equals(home(other.getName()));
    }

    private static String home(String className) {
        String file = className.replace('.', '/') + ".class";
        URL found = Objects.requireNonNull(ModuleRules.class.getClassLoader().getResource(file), file);
        String place = found.toString().replaceFirst("^jar:", "");
        int output = place.indexOf(OUTPUT);
        return output >= 0 ? place.substring(0, output) : place.substring(0, place.length() - file.length());
    }

    private static final class UseOwnInternalsOnly extends ArchCondition<JavaClass> {

        private final String base;
        private final BiPredicate<JavaClass, JavaClass> sameModule;

        UseOwnInternalsOnly(String base, BiPredicate<JavaClass, JavaClass> sameModule) {
            super("use the internal packages of their own module only");
            this.base = base;
            this.sameModule = sameModule;
        }

        @Override
        public void check(JavaClass type, ConditionEvents events) {
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                JavaClass target = dependency.getTargetClass().getBaseComponentType();
                if (isInternal(target) && !sameModule.test(type, target)) {
                    events.add(SimpleConditionEvent.violated(type, dependency.getDescription()));
                }
            }
        }

        private boolean isInternal(JavaClass type) {
            String name = type.getName();
            return name.startsWith(base + ".") && name.contains(".internal.");
        }
    }
}
