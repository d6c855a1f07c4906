package dev.kimi.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What is promised, and to whom. */
final class TypeRules {

    private static final String APPLICATION = "org.springframework.boot.autoconfigure.SpringBootApplication";

    private TypeRules() {}

    static Rule finalClasses(String base) {
        return Rule.of(
                "finalclasses",
                classes()
                        .that()
                        .resideInAPackage(base + "..")
                        .and(DescribedPredicate.describe("can be instantiated", TypeRules::isConcrete))
                        .and(DescribedPredicate.describe(
                                "nobody extends", type -> type.getSubclasses().isEmpty()))
                        .should()
                        .haveModifier(JavaModifier.FINAL),
                "a class that was not made for extension breaks the first time somebody extends it: make it final");
    }

    static Rule budget(String base, Budget budget) {
        return Rule.of(
                "budget",
                classes()
                        .that()
                        .resideInAPackage(base + "..")
                        .and(DescribedPredicate.describe("are promised", type -> isPromised(base, type)))
                        .should(new StayWithin(budget)),
                "every public type is kept for years: make it package-private, or move it to an internal package;"
                        + " raising the number is a reviewed change of its own");
    }

    static Rule signatures(String base) {
        return Rule.of(
                "signatures",
                classes()
                        .that()
                        .resideInAPackage(base + "..")
                        .and(DescribedPredicate.describe(
                                "are public outside internal", type -> isVisible(type) && !isInternal(base, type)))
                        .should(new MentionOnlyPublicTypes(base)),
                "a caller cannot use what it cannot name: use a type of the JDK or a public one of ours");
    }

    private static boolean isConcrete(JavaClass type) {
        return !type.isInterface()
                && !type.isEnum()
                && !type.isAnonymousClass()
                && !type.getModifiers().contains(JavaModifier.ABSTRACT)
                && !type.getModifiers().contains(JavaModifier.SYNTHETIC)
                && !type.getSimpleName().equals("package-info")
                && !type.isAnnotatedWith(APPLICATION);
    }

    private static boolean isPromised(String base, JavaClass type) {
        return type.isTopLevelClass() && isVisible(type) && !isInternal(base, type);
    }

    private static boolean isInternal(String base, JavaClass type) {
        String name = type.getPackageName() + ".";
        return name.startsWith(base + ".internal.") || name.contains(".internal.");
    }

    /** Public all the way out. */
    private static boolean isVisible(JavaClass type) {
        return type.getModifiers().contains(JavaModifier.PUBLIC)
                && type.getEnclosingClass().map(TypeRules::isVisible).orElse(true);
    }

    private static final class StayWithin extends ArchCondition<JavaClass> {
        private final Budget budget;
        private final Map<String, Integer> counts = new TreeMap<>();

        StayWithin(Budget budget) {
            super("be at most " + budget.module() + ", and at most " + budget.perPackage() + " in a package");
            this.budget = budget;
        }

        @Override
        public void init(Collection<JavaClass> all) {
            counts.clear();
        }

        @Override
        public void check(JavaClass type, ConditionEvents events) {
            counts.merge(type.getPackageName(), 1, Integer::sum);
        }

        @Override
        public void finish(ConditionEvents events) {
            int all = counts.values().stream().mapToInt(Integer::intValue).sum();
            if (all > budget.module()) {
                events.add(SimpleConditionEvent.violated(counts, all + " public types in the module: " + counts));
            }
            counts.forEach((name, count) -> {
                if (count > budget.perPackage()) {
                    events.add(SimpleConditionEvent.violated(name, count + " public types in " + name));
                }
            });
        }
    }

    private static final class MentionOnlyPublicTypes extends ArchCondition<JavaClass> {
        private final String base;

        MentionOnlyPublicTypes(String base) {
            super("mention only types of the JDK, JSpecify and public ones of ours");
            this.base = base;
        }

        @Override
        public void check(JavaClass type, ConditionEvents events) {
            Set<JavaClass> parents = new HashSet<>();
            type.getSuperclass().map(JavaType::getAllInvolvedRawTypes).ifPresent(parents::addAll);
            type.getInterfaces().forEach(parent -> parents.addAll(parent.getAllInvolvedRawTypes()));
            report(type, type.getName() + " extends or implements", parents, events);
            for (JavaMember member : type.getMembers()) {
                if (isReachable(member)) {
                    report(type, member.getFullName() + " mentions", mentioned(member), events);
                }
            }
        }

        private static boolean isReachable(JavaMember member) {
            Set<JavaModifier> modifiers = member.getModifiers();
            return !modifiers.contains(JavaModifier.SYNTHETIC)
                    && (modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED));
        }

        private static Set<JavaClass> mentioned(JavaMember member) {
            Set<JavaClass> types = new HashSet<>(member.getAllInvolvedRawTypes());
            if (member instanceof JavaCodeUnit unit) {
                types.addAll(unit.getExceptionTypes());
            }
            return types;
        }

        private void report(JavaClass type, String where, Set<JavaClass> mentioned, ConditionEvents events) {
            List<String> strangers = mentioned.stream()
                    .map(JavaClass::getBaseComponentType)
                    .filter(other -> !isAllowed(other))
                    .map(JavaClass::getName)
                    .sorted()
                    .collect(Collectors.toList());
            if (!strangers.isEmpty()) {
                events.add(SimpleConditionEvent.violated(type, where + " " + strangers));
            }
        }

        private boolean isAllowed(JavaClass type) {
            String name = type.getPackageName();
            boolean ofJdk = name.startsWith("java.") || name.equals("javax.net.ssl");
            if (type.isPrimitive() || ofJdk || name.startsWith("org.jspecify.")) {
                return true;
            }
            return name.startsWith(base) && isVisible(type) && !isInternal(base, type);
        }
    }
}
