using System.Reflection;

namespace Runtime.Tests.Repository;

/// <summary>Types as C# writes them, without namespaces, with question marks where null is allowed.</summary>
internal static class TypeNames
{
    private static readonly NullabilityInfoContext s_nullability = new();

    private static readonly Dictionary<Type, string> s_keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(nint)] = "nint",
        [typeof(nuint)] = "nuint",
        [typeof(char)] = "char",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(string)] = "string",
        [typeof(object)] = "object",
        [typeof(decimal)] = "decimal",
    };

    public static string Of(ParameterInfo parameter) =>
        Of(parameter.ParameterType) + Mark(parameter.ParameterType, s_nullability.Create(parameter).ReadState);

    public static string Of(PropertyInfo property) =>
        Of(property.PropertyType) + Mark(property.PropertyType, s_nullability.Create(property).ReadState);

    public static string Of(Type type)
    {
        if (type.IsByRef)
        {
            return Of(type.GetElementType()!);
        }

        if (type.IsPointer)
        {
            return Of(type.GetElementType()!) + "*";
        }

        if (type.IsArray)
        {
            return Of(type.GetElementType()!) + "[]";
        }

        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return Of(underlying) + "?";
        }

        return s_keywords.TryGetValue(type, out string? keyword)
            ? keyword
            : WithArguments(Simple(type), type.IsGenericType ? type.GetGenericArguments() : []);
    }

    public static string Simple(Type type) => type.Name.Split('`')[0];

    public static string Simple(MethodInfo method) =>
        WithArguments(method.Name, method.IsGenericMethod ? method.GetGenericArguments() : []);

    private static string WithArguments(string name, Type[] arguments) =>
        arguments.Length == 0 ? name : $"{name}<{string.Join(", ", arguments.Select(Of))}>";

    private static string Mark(Type type, NullabilityState state) =>
        !type.IsValueType && state == NullabilityState.Nullable ? "?" : "";
}
