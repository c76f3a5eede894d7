using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Runtime.Tests.Repository;

/// <summary>Writes what a library offers: a line per type, indented lines for its members, in ordinal order.</summary>
internal static class PublicSurface
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance |
        BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static string Of(Assembly assembly)
    {
        var text = new StringBuilder();
        IEnumerable<Type> types = assembly.GetExportedTypes().Where(IsWritten);
        foreach (Type type in types.OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(Head(type)).Append('\n');
            // An enumeration's members keep their order, which is that of their values.
            foreach (string member in type.IsEnum ? Members(type) : Members(type).Order(StringComparer.Ordinal))
            {
                text.Append("    ").Append(member).Append('\n');
            }
        }

        return text.ToString();
    }

    /// <summary>The compiler's own types, as those behind extension blocks, have names nobody can write.</summary>
    private static bool IsWritten(MemberInfo member) =>
        !member.Name.Contains('<', StringComparison.Ordinal) && !member.IsDefined(typeof(CompilerGeneratedAttribute));

    private static string Head(Type type)
    {
        string kind = type switch
        {
            { IsEnum: true } => "enum",
            { IsInterface: true } => "interface",
            { IsValueType: true } => $"{(IsReadOnly(type) ? "readonly " : "")}{(type.IsByRefLike ? "ref " : "")}struct",
            _ when typeof(Delegate).IsAssignableFrom(type) => "delegate",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => "abstract class",
            { IsSealed: true } => "sealed class",
            _ => "class",
        };
        IEnumerable<Type> bases = type.GetInterfaces().Where(other => other.IsPublic)
            .OrderBy(TypeNames.Of, StringComparer.Ordinal);
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) && !type.IsEnum)
        {
            bases = bases.Prepend(parent);
        }

        string list = type.IsEnum
            ? TypeNames.Of(type.GetEnumUnderlyingType())
            : string.Join(", ", bases.Select(TypeNames.Of));
        string outer = type.DeclaringType is { } declaring ? TypeNames.Of(declaring) : type.Namespace!;
        return $"{kind} {outer}.{TypeNames.Of(type)}{(list.Length > 0 ? " : " + list : "")}";
    }

    private static bool IsReadOnly(MemberInfo member) => member.IsDefined(typeof(IsReadOnlyAttribute));

    private static IEnumerable<string> Members(Type type)
    {
        foreach (FieldInfo field in type.GetFields(Declared).Where(IsOffered))
        {
            yield return Field(field);
        }

        foreach (ConstructorInfo constructor in type.GetConstructors(Declared).Where(IsOffered))
        {
            yield return $"{Modifiers(constructor)}{TypeNames.Simple(type)}({Parameters(constructor)})";
        }

        HashSet<MethodInfo?> accessors = [];
        foreach (PropertyInfo property in type.GetProperties(Declared))
        {
            accessors.UnionWith([property.GetMethod, property.SetMethod]);
            if (property.GetAccessors(nonPublic: true).FirstOrDefault(IsOffered) is { } accessor && IsWritten(property))
            {
                yield return Property(property, accessor);
            }
        }

        foreach (EventInfo @event in type.GetEvents(Declared))
        {
            accessors.UnionWith([@event.AddMethod, @event.RemoveMethod]);
            if (IsOffered(@event.AddMethod!))
            {
                string handler = TypeNames.Of(@event.EventHandlerType!);
                yield return $"{Modifiers(@event.AddMethod!)}event {handler} {@event.Name}";
            }
        }

        foreach (MethodInfo method in type.GetMethods(Declared).Except(accessors).OfType<MethodInfo>())
        {
            if (IsOffered(method) && IsWritten(method))
            {
                string result = TypeNames.Of(method.ReturnParameter);
                yield return $"{Modifiers(method)}{result} {TypeNames.Simple(method)}({Parameters(method)})";
            }
        }
    }

    private static bool IsOffered(FieldInfo field) =>
        !field.IsSpecialName && (field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly);

    private static bool IsOffered(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Field(FieldInfo field)
    {
        string typed = $"{TypeNames.Of(field.FieldType)} {field.Name}";
        if (!field.IsLiteral)
        {
            return $"{(field.IsStatic ? "static " : "")}{(field.IsInitOnly ? "readonly " : "")}{typed}";
        }

        string name = field.DeclaringType!.IsEnum ? field.Name : "const " + typed;
        return $"{name} = {Constant(field.GetRawConstantValue())}";
    }

    private static string Property(PropertyInfo property, MethodInfo accessor)
    {
        string index = string.Join(", ", property.GetIndexParameters().Select(TypeNames.Of));
        string get = property.GetMethod is { } getter && IsOffered(getter) ? "get; " : "";
        string set = property.SetMethod is { } setter && IsOffered(setter) ? (IsInit(setter) ? "init; " : "set; ") : "";
        string name = index.Length > 0 ? $"this[{index}]" : property.Name;
        return $"{Modifiers(accessor)}{TypeNames.Of(property)} {name} {{ {get}{set}}}";
    }

    private static bool IsInit(MethodInfo setter) =>
        setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));

    private static string Modifiers(MethodBase method)
    {
        string access = method.IsPublic ? "" : "protected ";
        if (method.IsStatic)
        {
            return access + (method.IsAbstract ? "static abstract " : "static ");
        }

        if (method.DeclaringType!.IsInterface || method is not MethodInfo { IsVirtual: true } info)
        {
            return access;
        }

        bool overrides = info.GetBaseDefinition() != info;
        return access + (info.IsAbstract ? "abstract " : overrides ? "override " : info.IsFinal ? "" : "virtual ");
    }

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        string passed = parameter switch
        {
            { IsOut: true } => "out ",
            { ParameterType.IsByRef: true } => IsReadOnly(parameter) ? "in " : "ref ",
            _ => parameter.IsDefined(typeof(ParamArrayAttribute)) ? "params " : "",
        };
        string @default = parameter.HasDefaultValue ? " = " + Constant(parameter.RawDefaultValue) : "";
        return $"{passed}{TypeNames.Of(parameter)} {parameter.Name}{@default}";
    }

    private static bool IsReadOnly(ParameterInfo parameter) => parameter.IsDefined(typeof(IsReadOnlyAttribute));

    private static string Constant(object? value) => value switch
    {
        null => "default",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
